"""An address goes in; whose it is comes out of the company's own register. The rooms are given this as a port."""
