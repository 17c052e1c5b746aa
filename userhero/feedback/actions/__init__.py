"""Every write on feedback, a verb each."""
