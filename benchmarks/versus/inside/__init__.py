"""What runs inside the others' virtual environments: the product's own packages are not there."""
