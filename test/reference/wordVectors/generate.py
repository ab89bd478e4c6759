#!/usr/bin/env python3
"""Makes the fixtures of static word vectors: small files in GloVe's and fastText's formats, and what numpy reads in
them. See README.md."""
import os

import numpy as np

here = os.path.dirname(os.path.abspath(__file__))
rng = np.random.default_rng(7)
words = ["the", "The", "of", "elephant", "don't", "naïve", "大象", "at name@domain.com", ". . .", "Ελλάδα", "3.14", "\u00a0", "1/2", "boa"]
words += [f"w{i}" for i in range(300)] + ["of", "end"]  # `of` twice: its first vector counts
vectors = rng.normal(size=(len(words), 25)) * 10.0 ** rng.integers(-3, 2, size=(len(words), 1))


def write(name, form, header, ending):
    with open(os.path.join(here, name), "w", newline="") as file:
        if header:
            file.write(f"{len(words)} 25\n")
        for word, vector in zip(words, vectors):
            file.write(word + " " + " ".join(form(x) for x in vector) + ending)


write("glove.txt", lambda x: f"{x:.5g}", False, "\n")
write("fasttext.vec", lambda x: f"{x:.4f}", True, " \n")


def read(name, header):
    """As gensim's KeyedVectors.load_word2vec_format reads: the first of equal words; numbers from the line's end."""
    found = {}
    with open(os.path.join(here, name), encoding="utf8", newline="\n") as file:
        for line in list(file)[1 if header else 0:]:
            values = line.rstrip().split(" ")
            found.setdefault(" ".join(values[:-25]), np.array(values[-25:], dtype=np.float64))
    return np.array([found[word] for word in dict.fromkeys(words)], dtype=np.float32)


for name, header in (("glove.txt", False), ("fasttext.vec", True)):
    np.save(os.path.join(here, os.path.splitext(name)[0] + ".npy"), read(name, header))
with open(os.path.join(here, "words.txt"), "w") as file:
    file.write("\n".join(dict.fromkeys(words)))
