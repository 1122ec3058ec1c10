"""Faults at every step of a command: crash points found by watching it, tried one by one, and judged by what is left.

A command runs undisturbed once while its system calls are watched; those that change something are its crash points
(`system_calls`). Then it runs again and again from the same beginning (`scenes`), each time disturbed at another point
(`disturbances`), is started again, and what is there then is compared with what the undisturbed one left (`remains`).
`trials` does that, `tally` counts. Commands are started warm, by fork of a process that has loaded ocrfill already
(`warm_process`): the same code, without a second of imports for each of many hundred trials.
"""
