"""The first start in a terminal: questions, and what is written after the last answer."""
