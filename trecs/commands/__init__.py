"""The sub-commands of `trecs`: one module each, with `add_parser(subparsers)` and `run(args)`.

They are all imported to print `trecs --help`, so nothing heavy is imported at their tops.
"""
