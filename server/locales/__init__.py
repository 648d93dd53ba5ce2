"""The catalogues of translated sentences, and what reads them."""
