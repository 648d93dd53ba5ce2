"""Everything that touches Hypercorn: connections, requests, and streams on them."""
