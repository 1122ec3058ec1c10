"""What drawn registers say: people, places, events and dates put together by chance."""
