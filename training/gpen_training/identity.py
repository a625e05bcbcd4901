"""Who a face looks like, by the identity network of the pipeline (fr_feature): a similarity for
evaluation, a loss for training, and its early feature maps as a perceptual distance. The network
states no training data; it serves as a measure here, never to name people."""

import torch
import torch.nn.functional as F
from torch import nn

from .alignment import Recrop
from .onnx_network import OnnxNetwork
from .templates import IDENTITY


class Identity(nn.Module):
    def __init__(self, path, template="ffhq", crop_size=256):
        super().__init__()
        self.network = OnnxNetwork(path)
        self.recrop = Recrop(template, crop_size, IDENTITY, 112)
        # The values between blocks: the last before each halving of the resolution.
        halvings = [node.inputs[0] for node in self.network.nodes
                    if node.operator == "Conv" and node.attributes.get("strides") == [2, 2]]
        self.early = tuple(halvings[1:3])

    def describe(self, pictures, dtype=torch.float32):
        """Unit vectors, and the early feature maps, of pictures in [-1, 1]."""
        aligned = (self.recrop(pictures.float()) * 127.5 + 0.5) / 128
        aligned = aligned.to(dtype).contiguous(memory_format=torch.channels_last)
        vector, early = self.network(aligned, self.early)
        return F.normalize(vector.flatten(1).float()), early

    def compare(self, pictures, faces, dtype=torch.float32):
        """(mean of 1 - cosine, mean distance of the early maps), with gradients to `pictures`."""
        with torch.no_grad():
            face_vector, face_maps = self.describe(faces, dtype)
        vector, maps = self.describe(pictures, dtype)
        distance = sum((own - other).abs().mean() / other.abs().mean().clamp_min(1e-6)
                       for own, other in zip(maps, face_maps)) / len(maps)
        return (1 - (vector * face_vector).sum(1)).mean(), distance

    @torch.no_grad()
    def similarity(self, pictures, faces):
        """The cosine for each pair; in eights, which bounds the memory."""
        return torch.cat([(self.describe(own)[0] * self.describe(other)[0]).sum(1)
                          for own, other in zip(pictures.split(8), faces.split(8))])
