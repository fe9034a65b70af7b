"""Work out the meanings of the shipped items (hotline/catalogue/data/meanings.npz) with the bundled model.

.venv/bin/python -m scripts.embed_catalogue      # after a change of the catalogues or the sayings
"""

import numpy as np

from hotline.catalogue.files import DATA, parse
from hotline.catalogue.service import SHIPPED
from hotline.catalogue.understanding.usage import fingerprint, idle_talk, meaning_of, sentences_of
from hotline.embeddings import Bundled


def main() -> None:
    model = Bundled()
    prints, counts, totals = [], [], []
    catalogues = [parse(path.read_text(encoding="utf-8")) for path in SHIPPED]
    spoken = [sentences_of(one.meta.hotline, item) for one in catalogues for item in one.item]
    for sentences in (*spoken, idle_talk()):
        meaning = meaning_of(sentences, model)
        assert meaning is not None
        prints.append(fingerprint(sentences, model.model))
        counts.append(meaning.sentences)
        totals.append(meaning.total)
    np.savez_compressed(DATA / "meanings.npz", fingerprints=prints, sentences=counts, totals=np.array(totals))


if __name__ == "__main__":
    main()
