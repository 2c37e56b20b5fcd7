"""The assets, a file each, named as the figure in the README names them."""
