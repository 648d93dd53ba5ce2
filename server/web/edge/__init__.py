"""The boundary of the HTTP layer: cookies, forms, hosts, languages, and refusals."""
