"""The compatibility oracle of the published network, ``shared/data/diffmst_oracle``."""

import importlib.util
import json

import numpy as np
import torch


class Oracle:
    """Its recipe of weights and sounds, and what the published network made of them."""

    def __init__(self, shared_data):
        self.folder = shared_data / "diffmst_oracle"
        spec = importlib.util.spec_from_file_location("diffmst_recipe", self.folder / "recipe.py")
        self.recipe = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(self.recipe)

    def arrays(self, name):
        with np.load(self.folder / f"{name}.npz") as file:
            return dict(file)

    def told(self, name):
        return json.loads((self.folder / f"{name}.json").read_text("utf-8"))

    def weights(self, blank, part=""):
        """Weights of a part of the network by the names in it."""
        return {
            name.removeprefix(part): torch.from_numpy(self.recipe.fill(name, tuple(tensor.shape)))
            for name, tensor in blank.state_dict().items()
            if name.startswith(part)
        }

    def embeddings(self, key, rows):
        numbers = 2.0 * self.recipe.signed_unit(f"oracle/{key}", rows * 512)
        return numbers.astype(np.float32).reshape(rows, 512)
