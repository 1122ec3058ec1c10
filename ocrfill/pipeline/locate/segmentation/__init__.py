"""The writing of each field cut out of the page: print taken away, lines told apart."""
