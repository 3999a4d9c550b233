"""Methods that are one network on the optical flow of a clip; subclasses say which network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, cast

from merbench.entries.parameters import Parameters, parameter
from merbench.inputs import Flow, Inputs
from merbench.method import NetworkMethod

if TYPE_CHECKING:
    from merbench.inputs.flow import Channel, Scale
    from merbench.inputs.optical_flow import Algorithm


@dataclass(frozen=True, kw_only=True)
class FlowParameters(Parameters):
    """Which flow the network sees; methods replace the defaults for which their source has a value."""

    size: int = parameter(28, "chosen here: the size of the first flow networks of the field", low=16, high=224)
    flow: str = parameter(
        "tvl1", "chosen here: what most flow networks of the field compute", choices=("tvl1", "farneback", "dis")
    )
    computed: int = parameter(224, "chosen here: flow of the whole face, then shrunk", low=16, high=512)


@dataclass(frozen=True, kw_only=True)
class ScaledFlowParameters(FlowParameters):
    """Those of networks whose release sees stretched flow."""

    scale: str = parameter(
        "minmax",
        "release: each channel of each clip's picture spans its range; `none`: pixels of displacement; `unit`: "
        "over the longest displacement of the clip",
        choices=("minmax", "none", "unit"),
    )


class FlowNetwork(NetworkMethod):
    """A network called with u and v, and with optical strain if `strain`: one tensor `(clip channel height width)`."""

    family = "flow network"
    Parameters = FlowParameters
    parameters: FlowParameters
    strain: ClassVar[bool] = False
    #: Of stretched flow: what its channels span, and their order (u, v, strain where it is empty).
    value_range: ClassVar[tuple[float, float]] = (0.0, 255.0)
    order: ClassVar[tuple[Channel, ...]] = ()

    @property
    def flow_input(self) -> type[Flow]:
        """The kind of flow that is seen: between the annotated onset and apex, unless a subclass says otherwise."""
        return Flow

    def inputs(self) -> Inputs:
        """Flow from onset to apex, with its optical strain if `strain`."""
        values = self.parameters
        scale = values.scale if isinstance(values, ScaledFlowParameters) else "none"
        flow = self.flow_input(
            size=(values.size, values.size),
            algorithm=cast("Algorithm", values.flow),
            strain=self.strain,
            computed=(values.computed, values.computed),
            scale=cast("Scale", scale),
            value_range=self.value_range,
            order=self.order if scale == "minmax" else (),
        )
        return Inputs(arrays=(flow,))
