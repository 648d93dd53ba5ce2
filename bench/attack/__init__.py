"""A hostile visitor beside honest ones, through a private Tor network: `make attack`.

    server     `sottovoce demo`: its own network, its own tor, the web process as it is shipped
    hostile    one process, any number of circuits, one kind of attack (`hostile.py`)
    honest     this process: people who talk, read, come in, come back (`honest.py`)

Everything runs on one machine, also the relays. So a flood costs the honest visitors something
before it reaches the server; the table shows the quiet figures of the same run beside it.
"""
