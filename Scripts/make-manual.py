#!/usr/bin/env python3
"""The manual, from what the program says of its own flags.

usage: make-manual.py PROGRAM man            the man page, in groff
       make-manual.py PROGRAM flags          docs/flags.md
       make-manual.py PROGRAM check FILE     nothing, or exit code 1 if FILE isn't what flags would print

PROGRAM is a built paddler, which is asked for its flags and its version and not started.
"""

import datetime
import json
import os
import re
import subprocess
import sys
import textwrap
from pathlib import Path

DEFAULT_IN_TEXT = re.compile(r"\s*\(default: (.*)\)$", re.DOTALL)
FLAG_IN_TEXT = re.compile(r"(?<![\w-])(--[a-z][a-z0-9-]*)")
EVERYWHERE = {"--help", "--version"}

SIGNALS = [
    ("SIGTERM, SIGINT", "Stop gracefully: running and waiting requests get their time. A second one ends at once."),
    ("SIGHUP", "A balancer, serve's too, reads its files of keys, tokens, tenants, models' names and certificates again."),
]
EXIT_CODES = [
    ("0", "After a graceful stop."),
    ("1", "A failure, for example an address that cannot be listened on; one line on standard error says which."),
    ("64", "A mistake in the flags."),
    ("128 + n", "A second signal, number n, ended the process at once."),
]
FILES = [
    ("/etc/paddler/balancer.yaml, /etc/paddler/agent.yaml", "Where the systemd units take --config from."),
    ("/etc/paddler/balancer.env, /etc/paddler/agent.env", "Environment of the systemd units: for secrets."),
]


class Argument:
    """One flag, option or positional argument."""

    def __init__(self, dump):
        self.kind = dump["kind"]
        self.section = dump.get("sectionTitle")
        self.is_shown = dump.get("shouldDisplay", True)
        self.is_repeating = dump.get("isRepeating", False)
        self.is_optional = dump.get("isOptional", True)
        self.value = dump.get("valueName", "value")
        self.values = dump.get("allValues", [])
        self.default = dump.get("defaultValue")
        self.meaning = " ".join(
            text.strip() for text in (dump.get("abstract"), dump.get("discussion")) if text
        )
        # Where the parser can't know a default, the text ends in it.
        written = DEFAULT_IN_TEXT.search(self.meaning)
        if written:
            self.default = self.default or written[1]
            self.meaning = self.meaning[: written.start()]
        self.names = [("--" if name["kind"] == "long" else "-") + name["name"] for name in dump.get("names", [])]

    @property
    def takes_value(self):
        return self.kind == "option"

    @property
    def is_positional(self):
        return self.kind == "positional"


class Command:
    """A command with its arguments, grouped as --help groups them, and its subcommands."""

    def __init__(self, dump, parents=()):
        self.path = (*parents, dump["commandName"])
        self.abstract = dump.get("abstract", "")
        self.discussion = dump.get("discussion", "")
        self.is_shown = dump.get("shouldDisplay", True)
        arguments = [Argument(argument) for argument in dump.get("arguments", [])]
        # The same everywhere: said once, of the whole program.
        self.arguments = [argument for argument in arguments if not parents or not EVERYWHERE & {*argument.names}]
        self.subcommands = [
            Command(sub, self.path)
            for sub in dump.get("subcommands", [])
            # ArgumentParser's own, the same everywhere.
            if sub["commandName"] != "help" and sub.get("shouldDisplay", True)
        ]

    @property
    def name(self):
        return " ".join(self.path)

    def groups(self):
        """Title and arguments, in the order of their first flag; what has no title comes last."""
        groups = {}
        for argument in self.arguments:
            if argument.is_shown and not argument.is_positional:
                groups.setdefault(argument.section, []).append(argument)
        rest = groups.pop(None, None)
        return [*groups.items(), *([("Other", rest)] if rest else [])]

    def positionals(self):
        return [argument for argument in self.arguments if argument.is_positional and argument.is_shown]

    def hidden(self):
        return [argument for argument in self.arguments if not argument.is_shown and argument.meaning]

    def synopsis(self):
        words = [self.name, "[OPTION...]"]
        for argument in self.positionals():
            word = argument.value + ("..." if argument.is_repeating else "")
            words.append(f"[{word}]" if argument.is_optional else word)
        return " ".join(words)

    def all(self):
        yield self
        for sub in self.subcommands:
            yield from sub.all()

    def has_flag(self, flag):
        return any(flag in argument.names for command in self.all() for argument in command.arguments)


def paragraphs(text):
    """Pairs of (is code, text): indented lines are code, and empty lines separate paragraphs."""
    for block in re.split(r"\n\s*\n", text.strip("\n")):
        lines, is_code = [], False
        for line in block.split("\n"):
            if lines and line.startswith("  ") != is_code:
                yield is_code, "\n".join(lines)
                lines = []
            is_code = line.startswith("  ")
            lines.append(line)
        if lines:
            yield is_code, "\n".join(lines)


# docs/flags.md


def markdown(root):
    yield "# Flags"
    yield ""
    yield "<!-- Made by `make docs` from the program itself: change the sources, not this file. -->"
    yield ""
    if root.has_flag("--config"):
        yield from settings_in_markdown()
    for command in root.all():
        if command is root:
            continue
        yield f"## `{command.name}`"
        yield ""
        yield command.abstract
        yield ""
        if command.discussion:
            for is_code, text in paragraphs(command.discussion):
                yield from ["```", text, "```", ""] if is_code else [text, ""]
        if command.positionals():
            yield from table("argument", command.positionals())
        for title, arguments in command.groups():
            yield f"### {title}"
            yield ""
            yield from table("flag", arguments)
        if command.hidden():
            yield "### Accepted, and not shown by `--help`"
            yield ""
            yield from table("flag", command.hidden())


def settings_in_markdown():
    yield "Each flag can also come from the environment and from the file that `--config` names: `--some-flag` as the"
    yield "variable `PADDLER_SOME_FLAG` and as the key `some-flag`. The flag wins over the environment, the environment over"
    yield "the file, the file over the default."
    yield ""


def table(heading, arguments):
    yield f"| {heading} | default | meaning |"
    yield "|---|---|---|"
    for argument in arguments:
        yield f"| {spelling(argument)} | {default(argument)} | {meaning(argument)} |"
    yield ""


def cell(text):
    text = " ".join(text.split())
    for character in "|<*_":
        text = text.replace(character, "\\" + character)
    return text


def spelling(argument):
    if argument.is_positional:
        return f"`{argument.value}`"
    value = f" {argument.value.upper()}" if argument.takes_value else ""
    return ", ".join(f"`{name}{value}`" for name in argument.names)


def default(argument):
    if not argument.default:
        return ""
    # Words stand as words, values as code.
    return cell(argument.default) if " " in argument.default else "`" + argument.default.replace("|", "\\|") + "`"


def meaning(argument):
    text = FLAG_IN_TEXT.sub(r"`\1`", cell(argument.meaning))
    if argument.values:
        text += " One of " + ", ".join(f"`{value}`" for value in argument.values) + "."
    if argument.is_repeating and argument.takes_value and "several times" not in text:
        text += " May be given several times."
    return text.strip()


# The man page


def escape(text):
    """For one line of text, whatever it begins with."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return re.sub(r"(?m)^([.'])", r"\\&\1", text)


def fill(text):
    """Lines that are not too long for tools that look at them."""
    return escape(textwrap.fill(text, 72, break_long_words=False, break_on_hyphens=False))


def groff(root, version):
    epoch = os.environ.get("SOURCE_DATE_EPOCH")
    now = datetime.datetime.now(datetime.timezone.utc)
    date = datetime.datetime.fromtimestamp(int(epoch), datetime.timezone.utc) if epoch else now
    yield f'.TH PADDLER 1 "{date:%Y-%m-%d}" "paddler {version}" "User Commands"'
    yield ".SH NAME"
    yield f"paddler \\- {escape(root.abstract.rstrip('.')[0].lower() + root.abstract.rstrip('.')[1:])}"
    yield ".SH SYNOPSIS"
    for index, command in enumerate(list(root.all())[1:]):
        if index > 0:
            yield ".br"
        yield ".B " + escape(command.name)
        yield escape(command.synopsis()[len(command.name) :].strip())
    yield ".SH DESCRIPTION"
    yield from prose(root.discussion)
    for argument in root.arguments:
        yield from entry(flag_in_groff(argument), argument)
    for command in list(root.all())[1:]:
        yield f'.SH "{escape(command.name).upper()}"'
        yield from prose(command.abstract)
        if command.discussion:
            yield ".PP"
            yield from prose(command.discussion)
        for argument in command.positionals():
            yield from entry(f"\\fI{escape(argument.value)}\\fR", argument)
        for title, arguments in command.groups():
            yield f'.SS "{escape(title)}"'
            for argument in arguments:
                yield from entry(flag_in_groff(argument), argument)
    if root.has_flag("--config"):
        yield ".SH ENVIRONMENT"
        yield "Each flag can also come from the environment:"
        yield escape("--some-flag") + " as"
        yield ".BR PADDLER_SOME_FLAG ."
        yield "The flag wins over the environment, the environment over the file that"
        yield ".B " + escape("--config")
        yield "names, and the file over the default."
        yield from definitions("FILES", FILES)
    yield from definitions("SIGNALS", SIGNALS if root.has_flag("--api-key-file") else SIGNALS[:1])
    yield from definitions("EXIT STATUS", EXIT_CODES)


def definitions(title, pairs):
    yield f'.SH "{title}"'
    for term, text in pairs:
        yield ".TP"
        yield f"\\fB{escape(term)}\\fR"
        yield fill(text)


def prose(text):
    is_first = True
    for is_code, block in paragraphs(text):
        if not is_first:
            yield ".PP"
        is_first = False
        if is_code:
            yield from [".nf", ".RS 4", escape(re.sub(r"(?m)^  ", "", block)), ".RE", ".fi"]
        else:
            yield fill(block)


def flag_in_groff(argument):
    value = f" \\fI{escape(argument.value)}\\fR" if argument.takes_value else ""
    return ", ".join(f"\\fB{escape(name)}\\fR{value}" for name in argument.names)


def entry(term, argument):
    yield ".TP"
    yield term
    parts = [argument.meaning]
    if argument.values:
        parts.append("One of " + ", ".join(argument.values) + ".")
    if argument.default:
        parts.append(f"Default: {argument.default}.")
    yield fill(" ".join(part for part in parts if part))


def ask(program, *arguments):
    return subprocess.run([program, *arguments], check=True, capture_output=True, text=True).stdout


def main():
    if len(sys.argv) < 3 or sys.argv[2] not in ("man", "flags", "check"):
        sys.exit(__doc__)
    program, what = sys.argv[1:3]
    dump = json.loads(ask(program, "--experimental-dump-help"))
    if dump["serializationVersion"] != 0:
        sys.exit("error: this paddler describes its flags in a form that make-manual.py doesn't know")
    root = Command(dump["command"])
    if what == "man":
        lines = groff(root, ask(program, "--version").strip())
    else:
        lines = markdown(root)
    text = "\n".join(lines).rstrip("\n") + "\n"
    if what != "check":
        sys.stdout.write(text)
    elif not Path(sys.argv[3]).is_file() or Path(sys.argv[3]).read_text(encoding="utf-8") != text:
        sys.exit(f"error: {sys.argv[3]} is out of date: run make docs")


if __name__ == "__main__":
    main()
