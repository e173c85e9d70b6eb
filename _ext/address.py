"""Where the book lives: set here, from the environment, and nowhere else.

    BOOK_REPOSITORY=owner/name BOOK_JUPYTERHUB=https://hub.example.org make book

With the first, pages get the buttons that lead to the repository, to Binder and to Colab, and
the addresses by which other sites name them; with the second, a button for that hub.  Without,
there is no such button, because it would be dead.
"""

import os
import re

from sphinx.errors import ConfigError


def options(repository, hub=""):
    """The options of the theme for a repository `owner/name` on GitHub, or for none."""
    if not repository:
        return {"launch_buttons": {}}
    if not re.fullmatch(r"[\w.-]+/[\w.-]+", repository):
        raise ConfigError(f"BOOK_REPOSITORY is {repository!r}, but must be owner/name")
    return {
        "repository_url": f"https://github.com/{repository}",
        "repository_branch": "main",
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


def site(repository):
    """The address of the pages of a repository on GitHub; empty for none."""
    owner, _, name = repository.partition("/")
    if name.lower() == f"{owner.lower()}.github.io":
        return f"https://{name.lower()}/"
    return f"https://{owner.lower()}.github.io/{name}/" if name else ""


def configure(app, config):
    repository = os.environ.get("BOOK_REPOSITORY", "")
    hub = os.environ.get("BOOK_JUPYTERHUB", "")
    config.html_theme_options = {**config.html_theme_options, **options(repository, hub)}
    config.html_baseurl = site(repository)


def setup(app):
    app.connect("config-inited", configure, priority=100)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
