"""One module or package per place that sessions come from and balances go to."""
