# Every target sets up .venv by itself, once; all that it needs is Python 3.11 or newer.
python := .venv/bin/python

.PHONY: help book pdf test machines mutants run train bench lint links clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "%-10s%s\n", $$1, $$2 }' Makefile

book: ## build the site into _build/html
	@sh tools/environment.sh
	$(python) .venv/bin/jupyter-book build . -W --keep-going -n

pdf: book ## print the whole book into _build/attention-book.pdf, and link to it
	$(python) tools/pdf.py

# More processes than cores: threads of each would only wait for those of the others.
test machines mutants run: export OMP_NUM_THREADS = 1

test: ## run all tests: the code, the notebooks, the built site
	@sh tools/environment.sh test
	$(python) -m pytest -n 4 --dist loadscope --nbval --nbval-current-env \
		--nbval-sanitize-with tests/nbval_sanitize.cfg tests book

machines: ## run all notebooks under simulated processors
	@sh tools/environment.sh test
	$(python) tools/machines.py

mutants: ## break the code on purpose, and see that a test notices each time
	@sh tools/environment.sh test
	$(python) tools/mutants.py
	$(python) tools/ledger.py

run: ## execute all notebooks again, in place, beside captum too
	@sh tools/environment.sh test
	$(python) tools/notebooks.py run book
	$(python) tools/ledger.py

train: ## train the classifier again and write helpers/weights
	@sh tools/environment.sh
	$(python) -m helpers.model.training --write

bench: ## time this book's code against lime and captum
	@sh tools/environment.sh test
	$(python) benchmarks/run.py

lint: ## check style and imports
	@sh tools/environment.sh test
	$(python) -m ruff check
	$(python) -m ruff format --check

links: ## follow the links that lead out of the book
	@sh tools/environment.sh
	$(python) .venv/bin/jupyter-book build . --builder linkcheck

clean: ## remove what was built; keeps .venv
	rm -rf _build .pytest_cache .ruff_cache .hypothesis *.egg-info
	find . -name __pycache__ -not -path './.venv/*' -prune -exec rm -rf {} +
