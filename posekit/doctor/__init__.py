"""Help for who hears nothing: what arrives here, what this machine can do, and what to try next."""
