"""The commands of `trecs`, a module each: its `add_parser(subparsers)` says what runs it.

Their arguments, their output and the table of trainings are beside them. All are imported to print
`trecs --help`, so nothing heavy is imported at their tops.
"""
