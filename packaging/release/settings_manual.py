"""gpen.toml(5), made of what `gpen serve --show-settings` says."""
import re


def _roff(text):
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\\&" + text if text[:1] in ".'" else text


def settings_manual(told, version):
    """`told`: the command's output. Keys with their variables, a line that ends in a colon, keys of that table."""
    page = [f'.TH GPEN.TOML 5 "" "GPEN-NAS {version}"', ".SH NAME", "gpen.toml \\- settings of gpen serve",
            ".SH DESCRIPTION", "A file in TOML, given with", ".BR \"gpen serve \\-\\-config\" .",
            "A variable in the environment wins over the file. In parentheses: what holds without either.",
            ".SH SETTINGS"]
    for line in told.splitlines():
        columns = re.split(r"\s{2,}", line.strip())
        if line.rstrip().endswith(":"):
            page += [".SH WATCHED FOLDERS", _roff(line)]
        elif len(columns) == 3:
            page += [".TP", f".BR {_roff(columns[0])} \" ({_roff(columns[1])})\"", _roff(columns[2])]
        elif len(columns) == 2:
            page += [".TP", f".B {_roff(columns[0])}", _roff(columns[1])]
        elif line.strip():
            raise ValueError(f"expected columns of gpen serve --show-settings, found: {line}")
    return "\n".join([*page, ".SH SEE ALSO", ".BR gpen (1)", ""])
