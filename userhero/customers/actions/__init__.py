"""Every write on customers, a verb each."""
