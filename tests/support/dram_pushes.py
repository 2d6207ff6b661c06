"""What a machine's SimPy model asks of its DRAM, push by push, next to the requests that its engine lists."""

from simulator.hardware.dram.model.channel import Channel


def check_requests(monkeypatch, run_model, requests):
    """Every push of the model, channel by channel, is a request: line, kind and cycle. Returns run and requests."""
    seen, kept, push = {}, [], Channel.push  # kept: so that no two channels share an id

    def record(self, line, write=False):
        seen.setdefault(id(self), []).append((line, int(write), int(self.env.now)))
        kept.append(self)
        return push(self, line, write)

    monkeypatch.setattr(Channel, "push", record)
    run, found = run_model(), requests()
    asked = [list(zip(*(a.tolist() for a in (one.line, one.write, one.cycle)), strict=True)) for one in found]
    assert sorted(map(tuple, seen.values())) == sorted(tuple(one) for one in asked if one)
    return run, found
