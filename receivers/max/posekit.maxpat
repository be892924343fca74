{
 "patcher": {
  "fileversion": 1,
  "appversion": {
   "major": 8,
   "minor": 5,
   "revision": 0,
   "architecture": "x64",
   "modernui": 1
  },
  "classnamespace": "box",
  "rect": [
   80.0,
   100.0,
   960.0,
   520.0
  ],
  "bglocked": 0,
  "openinpresentation": 0,
  "default_fontsize": 12.0,
  "default_fontface": 0,
  "default_fontname": "Arial",
  "gridsize": [
   10.0,
   10.0
  ],
  "boxes": [
   {
    "box": {
     "id": "title",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      30.0,
      16.0,
      420.0,
      20.0
     ],
     "text": "posekit in Max: start the sender with  posekit send --for max"
    }
   },
   {
    "box": {
     "id": "score-note",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      30.0,
      36.0,
      520.0,
      20.0
     ],
     "text": "left_wrist is x, y (0 to 1 from the picture's top left) and score; score 0: not seen now"
    }
   },
   {
    "box": {
     "id": "receive",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      30.0,
      70.0,
      110.0,
      22.0
     ],
     "outlettype": [
      ""
     ],
     "text": "udpreceive 7000"
    }
   },
   {
    "box": {
     "id": "route",
     "maxclass": "newobj",
     "numinlets": 6,
     "numoutlets": 6,
     "patching_rect": [
      30.0,
      110.0,
      420.0,
      22.0
     ],
     "outlettype": [
      "",
      "",
      "",
      "",
      "",
      ""
     ],
     "text": "route /p1/left_wrist /p1/right_wrist /p1/active /event/enter /event/leave"
    }
   },
   {
    "box": {
     "id": "left-unpack",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 3,
     "patching_rect": [
      30.0,
      160.0,
      130.0,
      22.0
     ],
     "outlettype": [
      "float",
      "float",
      "float"
     ],
     "text": "unpack 0. 0. 0."
    }
   },
   {
    "box": {
     "id": "left-x",
     "maxclass": "flonum",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      30.0,
      200.0,
      80.0,
      22.0
     ],
     "outlettype": [
      "",
      "bang"
     ],
     "format": 6,
     "parameter_enable": 0
    }
   },
   {
    "box": {
     "id": "left-y",
     "maxclass": "flonum",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      120.0,
      200.0,
      80.0,
      22.0
     ],
     "outlettype": [
      "",
      "bang"
     ],
     "format": 6,
     "parameter_enable": 0
    }
   },
   {
    "box": {
     "id": "left-score",
     "maxclass": "flonum",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      210.0,
      200.0,
      80.0,
      22.0
     ],
     "outlettype": [
      "",
      "bang"
     ],
     "format": 6,
     "parameter_enable": 0
    }
   },
   {
    "box": {
     "id": "left-across",
     "maxclass": "newobj",
     "numinlets": 6,
     "numoutlets": 1,
     "patching_rect": [
      30.0,
      240.0,
      120.0,
      22.0
     ],
     "outlettype": [
      ""
     ],
     "text": "scale 0. 1. 0. 127."
    }
   },
   {
    "box": {
     "id": "left-up",
     "maxclass": "newobj",
     "numinlets": 6,
     "numoutlets": 1,
     "patching_rect": [
      160.0,
      240.0,
      120.0,
      22.0
     ],
     "outlettype": [
      ""
     ],
     "text": "scale 0. 1. 127. 0."
    }
   },
   {
    "box": {
     "id": "left-picture",
     "maxclass": "pictslider",
     "numinlets": 2,
     "numoutlets": 2,
     "patching_rect": [
      30.0,
      280.0,
      240.0,
      180.0
     ],
     "outlettype": [
      "int",
      "int"
     ]
    }
   },
   {
    "box": {
     "id": "left-label",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      30.0,
      465.0,
      120.0,
      20.0
     ],
     "text": "left wrist"
    }
   },
   {
    "box": {
     "id": "right-unpack",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 3,
     "patching_rect": [
      330.0,
      160.0,
      130.0,
      22.0
     ],
     "outlettype": [
      "float",
      "float",
      "float"
     ],
     "text": "unpack 0. 0. 0."
    }
   },
   {
    "box": {
     "id": "right-x",
     "maxclass": "flonum",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      330.0,
      200.0,
      80.0,
      22.0
     ],
     "outlettype": [
      "",
      "bang"
     ],
     "format": 6,
     "parameter_enable": 0
    }
   },
   {
    "box": {
     "id": "right-y",
     "maxclass": "flonum",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      420.0,
      200.0,
      80.0,
      22.0
     ],
     "outlettype": [
      "",
      "bang"
     ],
     "format": 6,
     "parameter_enable": 0
    }
   },
   {
    "box": {
     "id": "right-score",
     "maxclass": "flonum",
     "numinlets": 1,
     "numoutlets": 2,
     "patching_rect": [
      510.0,
      200.0,
      80.0,
      22.0
     ],
     "outlettype": [
      "",
      "bang"
     ],
     "format": 6,
     "parameter_enable": 0
    }
   },
   {
    "box": {
     "id": "right-across",
     "maxclass": "newobj",
     "numinlets": 6,
     "numoutlets": 1,
     "patching_rect": [
      330.0,
      240.0,
      120.0,
      22.0
     ],
     "outlettype": [
      ""
     ],
     "text": "scale 0. 1. 0. 127."
    }
   },
   {
    "box": {
     "id": "right-up",
     "maxclass": "newobj",
     "numinlets": 6,
     "numoutlets": 1,
     "patching_rect": [
      460.0,
      240.0,
      120.0,
      22.0
     ],
     "outlettype": [
      ""
     ],
     "text": "scale 0. 1. 127. 0."
    }
   },
   {
    "box": {
     "id": "right-picture",
     "maxclass": "pictslider",
     "numinlets": 2,
     "numoutlets": 2,
     "patching_rect": [
      330.0,
      280.0,
      240.0,
      180.0
     ],
     "outlettype": [
      "int",
      "int"
     ]
    }
   },
   {
    "box": {
     "id": "right-label",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      330.0,
      465.0,
      120.0,
      20.0
     ],
     "text": "right wrist"
    }
   },
   {
    "box": {
     "id": "active",
     "maxclass": "toggle",
     "numinlets": 1,
     "numoutlets": 1,
     "patching_rect": [
      620.0,
      200.0,
      24.0,
      24.0
     ],
     "outlettype": [
      "int"
     ],
     "parameter_enable": 0
    }
   },
   {
    "box": {
     "id": "active-note",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      650.0,
      202.0,
      150.0,
      20.0
     ],
     "text": "somebody is in slot 1"
    }
   },
   {
    "box": {
     "id": "enter-print",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      620.0,
      250.0,
      90.0,
      22.0
     ],
     "text": "print enter"
    }
   },
   {
    "box": {
     "id": "leave-print",
     "maxclass": "newobj",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      620.0,
      290.0,
      90.0,
      22.0
     ],
     "text": "print leave"
    }
   },
   {
    "box": {
     "id": "event-note",
     "maxclass": "comment",
     "numinlets": 1,
     "numoutlets": 0,
     "patching_rect": [
      720.0,
      252.0,
      200.0,
      20.0
     ],
     "text": "slot, id, value in Max's console"
    }
   }
  ],
  "lines": [
   {
    "patchline": {
     "source": [
      "receive",
      0
     ],
     "destination": [
      "route",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "route",
      0
     ],
     "destination": [
      "left-unpack",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "left-unpack",
      0
     ],
     "destination": [
      "left-x",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "left-unpack",
      1
     ],
     "destination": [
      "left-y",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "left-unpack",
      2
     ],
     "destination": [
      "left-score",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "left-x",
      0
     ],
     "destination": [
      "left-across",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "left-y",
      0
     ],
     "destination": [
      "left-up",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "left-across",
      0
     ],
     "destination": [
      "left-picture",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "left-up",
      0
     ],
     "destination": [
      "left-picture",
      1
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "route",
      1
     ],
     "destination": [
      "right-unpack",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "right-unpack",
      0
     ],
     "destination": [
      "right-x",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "right-unpack",
      1
     ],
     "destination": [
      "right-y",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "right-unpack",
      2
     ],
     "destination": [
      "right-score",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "right-x",
      0
     ],
     "destination": [
      "right-across",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "right-y",
      0
     ],
     "destination": [
      "right-up",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "right-across",
      0
     ],
     "destination": [
      "right-picture",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "right-up",
      0
     ],
     "destination": [
      "right-picture",
      1
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "route",
      2
     ],
     "destination": [
      "active",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "route",
      3
     ],
     "destination": [
      "enter-print",
      0
     ]
    }
   },
   {
    "patchline": {
     "source": [
      "route",
      4
     ],
     "destination": [
      "leave-print",
      0
     ]
    }
   }
  ]
 }
}