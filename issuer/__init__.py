"""From an order to a signed certificate, its life cycle and its status lists."""
