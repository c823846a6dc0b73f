"""Recording on many machines: parts of the plan are handed to workers of an existing engine (Dask).

::

    plan ─► Parts (trials that share a request stay together; about a minute each)
                  │ one after the other to whoever is free
                  ▼
            worker: its own proxy, journal, keys and model server ─► the part's recordings
                  │
                  ▼
    driver: writes each part into the journal of the cassette as it arrives

Only `engine` imports distributed, which the extra ``cluster`` brings.
"""
