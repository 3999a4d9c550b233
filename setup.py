"""What is found, not listed: the folders methods/, datasets/ and protocols/ become merbench.methods and so on."""

from setuptools import find_packages, setup

homes = {f"merbench.{kind}": kind for kind in ("methods", "datasets", "protocols")}
inner = [f"merbench.{kind}.{name}" for kind in homes.values() for name in find_packages(kind)]
cards = {
    name: ["card.md", "README.md"] for name in inner if name.startswith(("merbench.methods.", "merbench.datasets."))
}

setup(
    packages=[*find_packages(include=["merbench", "merbench.*"]), *homes, *inner],
    package_dir=homes,
    package_data={
        "": ["*.toml"],
        "merbench": ["py.typed"],
        "merbench.leaderboard": ["page/*"],
        "merbench.cli.scaffold": ["templates/*"],
        **cards,
    },
)
