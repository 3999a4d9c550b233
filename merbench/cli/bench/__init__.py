"""How fast training is on this machine, against plain loops and against what the device can do."""
