"""One page: from the scan to its result, with no store and no network. `read_page` alone knows the order of stages."""
