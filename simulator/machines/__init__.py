"""The machines: the one table, and the only place that names them.

Another machine is a folder here and a line in `OURS`, or an entry point of the group `zeroskip.accelerators` in another
package.
"""

from simulator.core.machine import AnyMachine
from simulator.machines.bevpool import MACHINE as BEVPOOL
from simulator.machines.cambricon import MACHINE as CAMBRICON
from simulator.machines.dense import MACHINE as DCNN
from simulator.machines.edgedrnn import MACHINE as EDGEDRNN
from simulator.machines.eie import MACHINE as EIE
from simulator.machines.ese import MACHINE as ESE
from simulator.machines.eyeriss_v2 import MACHINE as EYERISS_V2
from simulator.machines.gamma import MACHINE as GAMMA
from simulator.machines.points import MACHINE as POINTS
from simulator.machines.scnn import MACHINE as SCNN
from simulator.machines.selection import MACHINE as SELECTION
from simulator.machines.sigma import MACHINE as SIGMA
from simulator.machines.tensor import MACHINE as TENSOR

OURS: tuple[AnyMachine, ...] = (
    EIE, ESE, SCNN, DCNN, TENSOR, EYERISS_V2, SIGMA, CAMBRICON, EDGEDRNN, SELECTION, GAMMA, POINTS, BEVPOOL,
)  # fmt: skip
