"""What comes in: cookies, forms, hosts, languages; and how it is refused."""
