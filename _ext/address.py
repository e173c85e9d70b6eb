"""Where the book lives: set here, from the environment, and nowhere else.

    BOOK_REPOSITORY=owner/name BOOK_JUPYTERHUB=https://hub.example.org make book

With the first, pages get the buttons that lead to the repository, to Binder and to Colab, and
the addresses by which other sites name them; with the second, a button for that hub.  Without,
there is no such button, because it would be dead.
"""

import os
import re
from pathlib import Path

from published import BRANCH, site, write
from sphinx.errors import ConfigError


def options(repository, hub=""):
    """The options of the theme for a repository `owner/name` on GitHub, or for none."""
    if not repository:
        return {"launch_buttons": {}}
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise ConfigError(f"BOOK_REPOSITORY is {repository!r}, but must be owner/name")
    return {
        "repository_url": f"https://github.com/{repository}",
        "repository_branch": BRANCH,  # what Binder and Colab open
        "use_repository_button": True,
        "use_edit_page_button": True,
        "use_issues_button": True,
        "launch_buttons": {
            "notebook_interface": "jupyterlab",
            "binderhub_url": "https://mybinder.org",
            "colab_url": "https://colab.research.google.com",
            "jupyterhub_url": hub,
        },
    }


def configure(app, config):
    config.book_repository = os.environ.get("BOOK_REPOSITORY", "")
    hub = os.environ.get("BOOK_JUPYTERHUB", "")
    theme = {**config.html_theme_options, **options(config.book_repository, hub)}
    config.html_theme_options = theme
    config.html_baseurl = site(config.book_repository)


def edit_main(app):
    """The button for edits leads to what people write, and not to what is published."""
    app.config.html_context["github_version"] = "main"


def address_downloads(app, exception):
    """The notebooks that the site offers know where it is."""
    if exception is None and app.config.book_repository:
        write(Path(app.outdir) / "_sources", app.config.book_repository)


def setup(app):
    app.add_config_value("book_repository", "", "html")
    app.connect("config-inited", configure, priority=100)
    app.connect("builder-inited", edit_main, priority=600)  # after the theme
    app.connect("build-finished", address_downloads)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
