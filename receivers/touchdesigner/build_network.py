"""Builds a TouchDesigner network that hears posekit: run it in TouchDesigner's textport, see the README.

It makes a Base COMP `posekit` with an OSC In CHOP, a wrist's x, y and score picked out and renamed, and a
circle for each wrist of the first person that is there while she is. Run it again and it is built anew.
"""

PORT = 7000
PARENT = "/project1"
NAME = "posekit"
SLOT = "p1"
COLORS = {"left_wrist": (1.0, 0.7, 0.1), "right_wrist": (0.1, 0.7, 1.0)}


def build(home):
    """Build the network below the component `home`; return the component that holds it."""
    if home.op(NAME) is not None:
        home.op(NAME).destroy()
    base = home.create(baseCOMP, NAME)  # noqa: F821  # TouchDesigner knows its operator types by name

    hears = add(base, oscinCHOP, "osc_in", 0, 0)  # noqa: F821
    put(hears, "port", PORT)

    active = add(base, selectCHOP, "active", 1, 2, hears)  # noqa: F821
    put(active, "channames", f"{SLOT}/active")
    put(active, "renamefrom", "*")
    put(active, "renameto", "active")

    circles = [wrist(base, hears, row, name) for row, name in enumerate(COLORS)]
    picture = add(base, compositeTOP, "picture", 3, 0, *circles)  # noqa: F821
    put(picture, "operand", "add")
    out = add(base, nullTOP, "out", 4, 0, picture)  # noqa: F821
    out.display = True
    print(f"posekit: built {base.path}; look at {out.path}, and start: posekit send --for touchdesigner")
    return base


def wrist(base, hears, row, name):
    """Add what picks one wrist out and draws it; return the circle."""
    picked = add(base, selectCHOP, f"select_{name}", 1, row, hears)  # noqa: F821
    put(picked, "channames", f"{SLOT}/{name}/x {SLOT}/{name}/y {SLOT}/{name}/score")
    named = add(base, renameCHOP, name, 2, row, picked)  # noqa: F821
    put(named, "renamefrom", f"{SLOT}/{name}/x {SLOT}/{name}/y {SLOT}/{name}/score")
    put(named, "renameto", "x y score")

    circle = add(base, circleTOP, f"circle_{name}", 3, row + 1)  # noqa: F821
    put(circle, "radiusx", 0.03)
    put(circle, "radiusy", 0.03)
    for number, part in enumerate("rgb"):
        put(circle, f"fillcolor{part}", COLORS[name][number])
    put(circle, "bgalpha", 0)
    # A Circle TOP has (0, 0) in the middle; posekit's x and y run from 0 to 1, y upwards with
    # `--for touchdesigner`. Before the first packet there is no such channel yet.
    for axis in "xy":
        drive(circle, f"center{axis}", f"(op('{name}')['{axis}'] or 0.5) - 0.5")
    drive(circle, "fillalpha", "(op('active')['active'] or 0)")
    return circle


def add(base, kind, name, column, row, *inputs):
    """Add an operator with these inputs, at a place in the network; return it."""
    made = base.create(kind, name)
    made.nodeX, made.nodeY = 220 * column, -150 * row
    for number, one in enumerate(inputs):
        made.inputConnectors[number].connect(one)
    return made


def put(made, parameter, value):
    """Set a parameter, or say which one is to be set by hand because this build has no such name."""
    found = getattr(made.par, parameter, None)
    if found is None:
        print(f"posekit: {made.path} has no parameter {parameter}; set it to {value!r} by hand")
        return
    found.val = value


def drive(made, parameter, expression):
    """Let an expression set a parameter from now on."""
    found = getattr(made.par, parameter, None)
    if found is None:
        print(f"posekit: {made.path} has no parameter {parameter}; type there: {expression}")
        return
    found.expr = expression
    found.mode = ParMode.EXPRESSION  # noqa: F821


build(op(PARENT) or root)  # noqa: F821
