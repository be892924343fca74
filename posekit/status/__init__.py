"""The status page: a show's state and controls in a browser, and its API."""
