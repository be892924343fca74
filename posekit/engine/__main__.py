"""`python -m posekit.engine`: not for people; a runner starts it and speaks to it over pipes."""

import os
import sys

if __name__ == "__main__":
    # The folder we were started in must not be searched for modules: a user's random.py beside her sketch
    # would replace Python's own. (From Python 3.11 on the owner's PYTHONSAFEPATH sees to it.)
    if sys.version_info < (3, 11) and sys.path[0] == os.getcwd():  # noqa: PTH109 (pathlib is not loaded yet)
        del sys.path[0]
    from posekit.engine.process import main

    code = main()
    # No tidying up by the interpreter: everything of ours is closed, and a driver's or a model's own threads
    # may crash it or hold it up.
    sys.stderr.flush()
    os._exit(code)
