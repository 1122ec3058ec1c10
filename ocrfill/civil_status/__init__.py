"""What is true of Vietnamese civil-status registers without any image: names, dates, places, numbers, rules."""
