"""visard on Ray: the same script on a laptop and on a cluster. ``pip install visard[ray]``.

Photos, outputs and indexes lie wherever fsspec reaches: folders that all machines share, or stores such as ``s3://``.
Every photo is protected alone, so its bytes do not depend on how the work is shared out: they are those of
``visard.protect`` with the same settings and number of threads.
"""

from .protect import Summary, protect_dataset
from .search import Gallery, Hit, embed_dataset, write_shards

__all__ = ["Gallery", "Hit", "Summary", "embed_dataset", "protect_dataset", "write_shards"]
