"""A model of board/common/grub.cfg: what the menu makes of the boot environment."""

NAMES = ("ORDER", "A_OK", "A_TRY", "B_OK", "B_TRY")  # the menu's; what else is there it keeps


def variables(text):
    """The variables of one copy; nothing when it cannot be read."""
    if not text.startswith("# GRUB Environment Block\n") or len(text) != 1024:
        return {}
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line and not line.startswith("#"))


def believed(copies):
    """The first copy that can be read; None when there is none."""
    return next((values for values in map(variables, copies) if values.get("ORDER")), None)


def choice(values):
    """The slot that is started; None: the menu waits."""
    usable = [slot for slot in values["ORDER"].split() if values.get(f"{slot}_OK") == "1"]
    left = [slot for slot in usable if values.get(f"{slot}_TRY") in ("0", "1", "2")]
    return next(iter(left or [slot for slot in usable if values.get(f"{slot}_PROVEN") == "1"]), None)
