"""The reviews: fetched, verified and cached; and what is said when that is not possible."""

import hashlib
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from helpers.data import reviews
from helpers.data.reviews import DataError, Review
from helpers.data.words import tokenize

ROOT = Path(__file__).parents[2]


@pytest.fixture
def empty_cache(tmp_path, monkeypatch):
    folder = tmp_path / "a cache"
    monkeypatch.setenv("ATTENTION_BOOK_CACHE", str(folder))
    return folder


@pytest.fixture
def no_network(monkeypatch):
    """A package index that refuses, and no setting of this machine that could help out."""
    for name in [name for name in os.environ if name.startswith("PIP_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# ---- the data itself


def test_all_snippets_are_there(snippets):
    assert len(snippets) == 10605
    assert len({x.identifier for x in snippets}) == 10605
    ratings = np.array([x.rating for x in snippets])
    assert ratings.min() >= -4 and ratings.max() <= 4
    assert 0.45 < np.mean(ratings > 0) < 0.55
    assert all(x.text for x in snippets)
    assert snippets[0].text.startswith("The Rock is destined") and snippets[0].positive


def test_the_lexicon_knows_good_and_bad(fetch):
    lexicon = fetch(reviews.load_lexicon)
    assert len(lexicon) > 7400
    assert lexicon["good"] > 1 and lexicon["bad"] < -1
    assert all(-4 <= valence <= 4 for valence in lexicon.values())


def test_a_rating_is_the_mean_of_15_to_29_raters(snippets):
    ratings = reviews.load_ratings()
    counts = [len(ratings[review.identifier]) for review in snippets]
    assert (min(counts), max(counts)) == (15, 29) and len(ratings) == len(snippets)
    assert sum(count < 20 for count in counts) > 0
    assert {x for given in ratings.values() for x in given} == set(range(-4, 5))
    means = [np.mean(ratings[review.identifier]) for review in snippets]
    np.testing.assert_allclose(means, [review.rating for review in snippets], atol=1e-6)


def test_a_valence_is_the_mean_of_ten_raters(fetch):
    lexicon, valences = fetch(reviews.load_lexicon), reviews.load_valences()
    assert list(lexicon) == list(valences)
    assert {len(given) for given in valences.values()} == {10}
    means = [np.mean(given) for given in valences.values()]
    away = np.abs(np.array(means) - list(lexicon.values())) > 0.051  # of rounded means
    assert away.mean() < 0.001


def test_the_cache_is_used_without_a_network(snippets, empty_cache, no_network, monkeypatch):
    with monkeypatch.context() as before:
        before.delenv("ATTENTION_BOOK_CACHE")
        archive = reviews.cache_folder() / reviews.ARCHIVE
    empty_cache.mkdir()
    shutil.copy(archive, empty_cache)
    assert reviews.load_snippets() == snippets


def test_a_review_is_positive_above_zero():
    assert Review("1", 0.1, "x").positive
    assert not Review("1", -0.1, "x").positive


# ---- the cache


def test_cache_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("ATTENTION_BOOK_CACHE", str(tmp_path / "own"))
    assert reviews.cache_folder() == tmp_path / "own"
    monkeypatch.delenv("ATTENTION_BOOK_CACHE")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    assert reviews.cache_folder() == tmp_path / "attention-book"
    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert reviews.cache_folder() == tmp_path / ".cache" / "attention-book"


def test_wrong_bytes_in_the_cache_are_refused(empty_cache):
    empty_cache.mkdir()
    (empty_cache / reviews.ARCHIVE).write_bytes(b"half a download")
    found = hashlib.sha256(b"half a download").hexdigest()
    with pytest.raises(DataError) as error:
        reviews.load_snippets()
    message = str(error.value)
    assert "is damaged" in message and found in message and reviews.SHA256 in message
    assert "Delete this file and run again" in message


def test_no_network_and_no_cache(empty_cache, no_network):
    with pytest.raises(DataError) as error:
        reviews.load_snippets()
    message = str(error.value)
    assert f"the reviews are not in {empty_cache} and pip could not fetch" in message
    assert f"Connect to the network once, or put {reviews.ARCHIVE} into that folder" in message
    assert names(empty_cache) == [".lock"]  # nothing half-done is left


def test_a_folder_in_place_of_the_archive(empty_cache):
    (empty_cache / reviews.ARCHIVE).mkdir(parents=True)
    with pytest.raises(DataError, match=r"cannot be read \(Is a directory\): delete it and run"):
        reviews.load_snippets()


def test_an_archive_that_may_not_be_read(empty_cache, monkeypatch):
    empty_cache.mkdir()
    (empty_cache / reviews.ARCHIVE).write_bytes(b"")

    def refused(path):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    with pytest.raises(DataError, match=r"cannot be read \(Permission denied\): delete it and run"):
        reviews.load_snippets()


UNWRITABLE = (
    r"the reviews cannot be kept in .* \(.*\): set ATTENTION_BOOK_CACHE to a folder that you"
)


def test_a_file_in_place_of_the_cache(empty_cache):
    empty_cache.write_text("a file")
    with pytest.raises(DataError, match=UNWRITABLE):
        reviews.load_snippets()


@pytest.mark.parametrize("refusing", ["mkdir", "os.open", "tempfile.mkdtemp"])
def test_a_cache_that_may_not_be_written(empty_cache, monkeypatch, refusing):
    def refused(*given, **settings):
        raise PermissionError(13, "Permission denied")

    if refusing == "mkdir":
        monkeypatch.setattr(Path, "mkdir", refused)
    else:
        empty_cache.mkdir()
        monkeypatch.setattr(refusing, refused)
    with pytest.raises(DataError, match=UNWRITABLE):
        reviews.load_snippets()


# ---- several processes

FIRST_USE = """
import pathlib, shutil, sys, time
from helpers.data import download, reviews

archive, log = map(pathlib.Path, sys.argv[1:])

def slow(path, package, sha256, what):
    with log.open("a") as lines:
        lines.write("fetched ")
    half = path.with_name("half")
    half.write_bytes(archive.read_bytes()[:1000])
    time.sleep(1)
    half.unlink()
    shutil.copy(archive, path)

download._download = slow
print(len(reviews.load_snippets()))
"""


def test_two_processes_fetch_once(snippets, empty_cache, tmp_path, monkeypatch):
    with monkeypatch.context() as before:
        before.delenv("ATTENTION_BOOK_CACHE")
        archive = reviews.cache_folder() / reviews.ARCHIVE
    command = [sys.executable, "-c", FIRST_USE, str(archive), str(tmp_path / "log")]
    both = [
        subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=ROOT) for _ in range(2)
    ]
    assert [process.communicate()[0].strip() for process in both] == ["10605", "10605"]
    assert (tmp_path / "log").read_text() == "fetched "
    assert names(empty_cache) == [".lock", reviews.ARCHIVE]


def test_a_killed_download_ends_with_its_process(empty_cache, no_network, monkeypatch):
    """An index that never answers; pip's connection to it must end although nobody asked pip."""
    index = socket.create_server(("127.0.0.1", 0))
    index.settimeout(60)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{index.getsockname()[1]}/simple")
    code = "from helpers.data import reviews; reviews.load_snippets()"
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    connection, _ = index.accept()
    connection.settimeout(15)
    assert [name.partition("-")[0] for name in names(empty_cache)] == [".lock", "unfinished"]
    process.kill()
    process.wait()
    while connection.recv(4096):  # b"" when pip has ended; a TimeoutError if it goes on
        pass
    index.close()
    monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
    with pytest.raises(DataError, match="pip could not fetch"):
        reviews.load_snippets()
    assert names(empty_cache) == [".lock"]


def test_another_archive_of_that_name_is_refused(empty_cache, no_network, tmp_path, monkeypatch):
    links = tmp_path / "links"
    links.mkdir()
    (links / reviews.ARCHIVE).write_bytes(b"not the reviews")
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(links))
    with pytest.raises(DataError, match="pip could not fetch"):
        reviews.load_snippets()
    assert names(empty_cache) == [".lock"]


def test_a_file_that_is_not_in_the_archive_is_named(fetch):
    archive = fetch(reviews._archive)
    with pytest.raises(DataError, match=r"0 files named nothing\.txt in the archive"):
        reviews._member(archive, "nothing.txt")


def test_tests_that_need_the_data_fail_in_ci_and_skip_elsewhere(fetch, monkeypatch):
    def missing():
        raise DataError("no network")

    monkeypatch.setenv("CI", "true")
    with pytest.raises(pytest.fail.Exception, match="must have the reviews: no network"):
        fetch(missing)
    monkeypatch.delenv("CI")
    with pytest.raises(pytest.skip.Exception, match="needs the reviews: no network"):
        fetch(missing)


# ---- the paper's corpus


@pytest.fixture
def imdb(tmp_path):
    """A folder like aclImdb, with one review of each kind."""
    for split in ("train", "test"):
        for side, stars in (("pos", 9), ("neg", 2)):
            folder = tmp_path / "aclImdb" / split / side
            folder.mkdir(parents=True)
            text = f"A {side} film.<br /><br />Says {split}."
            (folder / f"7_{stars}.txt").write_text(text, encoding="utf8")
    return tmp_path / "aclImdb"


def test_imdb_is_read(imdb):
    corpus = reviews.load_imdb(imdb)
    assert set(corpus) == {"train", "test"} and len(corpus["train"]) == 2
    good, bad = corpus["test"]
    assert good == Review("test/pos/7_9", 3.5, "A pos film.  Says test.") and good.positive
    assert bad.rating == -3.5 and not bad.positive
    assert reviews.load_imdb(str(imdb)) == corpus


def test_missing_imdb_folder_is_named(imdb, tmp_path):
    with pytest.raises(DataError, match=r"no review in .*train/pos: unpack aclImdb_v1"):
        reviews.load_imdb(tmp_path / "nowhere")
    shutil.rmtree(imdb / "test" / "neg")
    with pytest.raises(DataError, match=r"no review in .*test/neg"):
        reviews.load_imdb(imdb)


@pytest.mark.parametrize(
    "name", ["notes.txt", "7_x.txt", "7_11.txt", "7_0.txt", "x_9.txt", "8_²9.txt", "8_².txt"]
)
def test_misnamed_imdb_file_is_named(imdb, name):
    (imdb / "train" / "pos" / name).write_text("text")
    with pytest.raises(DataError, match=rf"{name} is not named <number>_<stars>.txt"):
        reviews.load_imdb(imdb)


def test_an_imdb_file_that_cannot_be_read_is_named(imdb):
    file = imdb / "train" / "pos" / "8_8.txt"
    file.mkdir()
    with pytest.raises(DataError, match=r"8_8\.txt cannot be read \(Is a directory\): unpack"):
        reviews.load_imdb(imdb)
    file.rmdir()
    file.write_bytes("café".encode("latin-1"))
    with pytest.raises(DataError, match=r"8_8\.txt is not UTF-8 text \(.*\): unpack aclImdb"):
        reviews.load_imdb(imdb)


def test_a_file_in_place_of_the_imdb_folder(tmp_path):
    (tmp_path / "aclImdb").write_text("a file")
    with pytest.raises(DataError, match="no review in"):
        reviews.load_imdb(tmp_path / "aclImdb")


@pytest.mark.parametrize("side, stars", [("pos", 3), ("neg", 8)])
def test_stars_that_do_not_fit_the_folder_are_named(imdb, side, stars):
    (imdb / "test" / side / f"8_{stars}.txt").write_text("text")
    with pytest.raises(DataError, match=f"has {stars} stars but lies in the folder '{side}'"):
        reviews.load_imdb(imdb)


# ---- marked rationales


@pytest.fixture
def marked(tmp_path):
    """Write a folder like the public one: each of `files` is a path in it and its text or bytes."""

    def write(files):
        plain = {"withRats_pos/posR_000.txt": "fine", "withRats_neg/negR_000.txt": "dull"}
        for name, said in (plain | files).items():
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(said if isinstance(said, bytes) else said.encode("utf8"))
        return tmp_path

    return write


def flagged(review):
    words = tokenize(review.text)
    assert len(words) == len(review.rationale)
    return [word for word, flag in zip(words, review.rationale) if flag]


def test_rationales_are_read(marked):
    said = "a slow start , but <POS>a joy ,\nfrom</POS> then <POS>on</POS> . <NEG>slow</NEG>"
    folder = marked(
        {"withRats_pos/posR_001.txt": said, "withRats_neg/negR_007.txt": "<NEG>Dull</NEG>, <b>"}
    )
    found = reviews.load_rationales(folder)
    assert reviews.load_rationales(str(folder)) == found and len(found) == 4
    fine, joy, dull, bold = found
    assert joy.identifier == "withRats_pos/posR_001" and joy.positive and joy.rating == 1
    assert joy.text == "a slow start , but a joy ,\nfrom then on . slow"
    assert joy.rationale == tuple(map(bool, [0, 0, 0, 0, 1, 1, 1, 0, 1, 0]))
    assert not any(fine.rationale + dull.rationale) and not dull.positive
    assert bold.text == "Dull, <b>" and bold.rationale == (True, False) and bold.rating == -1
    assert isinstance(joy, Review)


def test_a_word_that_a_span_cuts_is_marked_as_a_whole(marked):
    folder = marked({"withRats_pos/posR_000.txt": "so un<POS>usual, well-ma</POS>de a film"})
    review = reviews.load_rationales(folder)[0]
    assert review.text == "so unusual, well-made a film"
    assert flagged(review) == ["unusual", "well", "made"]
    folder = marked({"withRats_pos/posR_000.txt": "so<POS> </POS>good<POS></POS>!<POS>!</POS>"})
    assert flagged(reviews.load_rationales(folder)[0]) == []


@pytest.mark.parametrize("encoding", ["utf8", "latin-1"])
def test_both_encodings_are_read(marked, encoding):
    said = "un <POS>Café</POS> rosé".encode(encoding)
    review = reviews.load_rationales(marked({"withRats_pos/posR_000.txt": said}))[0]
    assert flagged(review) == ["café"] and review.text == "un Café rosé"


def test_flags_stay_with_their_words_where_lower_case_is_longer(marked):
    said = "İ İ İ <POS>Joy</POS> and pain"  # the lower case of the first letter has two
    review = reviews.load_rationales(marked({"withRats_pos/posR_000.txt": said}))[0]
    assert flagged(review) == ["joy"]


@pytest.mark.parametrize(
    "said, place",
    [
        ("so\n <POS>good", "line 2, character 2: <POS>, which is never closed"),
        ("so</POS> good", "line 1, character 3: </POS>, where <POS> or <NEG> should come"),
        (
            "<POS>a <POS>b</POS></POS>",
            "line 1, character 8: <POS>, where </POS> should come",
        ),
        ("<POS>a <NEG>b</NEG></POS>", "line 1, character 8: <NEG>, where </POS> should come"),
        ("<POS>a</NEG>", "line 1, character 7: </NEG>, where </POS> should come"),
        ("<POS>a</POS>b</POS>", "line 1, character 14: </POS>, where <POS> or <NEG> should come"),
    ],
)
def test_a_tag_out_of_place_is_named(marked, said, place):
    folder = marked({"withRats_neg/negR_000.txt": said})
    with pytest.raises(DataError) as error:
        reviews.load_rationales(folder)
    assert str(error.value) == f"{folder / 'withRats_neg' / 'negR_000.txt'}, {place}"


def test_a_missing_folder_of_rationales_is_named(marked, tmp_path):
    with pytest.raises(DataError, match=r"no review in .*withRats_pos: unpack the reviews with"):
        reviews.load_rationales(tmp_path)
    folder = marked({})
    (folder / "withRats_neg" / "negR_000.txt").rename(folder / "withRats_neg" / "posR_000.txt")
    with pytest.raises(DataError, match=r"no review in .*withRats_neg: .* folder that holds"):
        reviews.load_rationales(folder)


def test_a_file_of_rationales_that_cannot_be_read_is_named(marked):
    folder = marked({})
    (folder / "withRats_pos" / "posR_9.txt").mkdir()
    with pytest.raises(DataError, match=r"posR_9\.txt cannot be read \(Is a directory\): unpack"):
        reviews.load_rationales(folder)
