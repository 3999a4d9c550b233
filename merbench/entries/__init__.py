"""What methods, datasets and protocols share: typed parameters, recipes, components, origins."""
