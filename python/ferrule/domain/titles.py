"""Titles for runs that came without one: adjective, noun; the store adds the run's number."""

import secrets

_ADJECTIVES = """
amber ample azure balmy brave breezy bright brisk calm candid clever cobalt copper coral cosmic
crisp curious dainty dapper daring deft eager early earnest electric fabled fair fancy fluent fond
fresh frosty gentle gilded glad gleaming golden graceful grand happy hardy honest humble icy indigo
ivory jolly keen kind lilac lively lucid lucky mellow merry mild misty modest neat nimble noble
olive opal patient pearly placid playful polished proud quick quiet radiant rapid rare rosy ruby
rustic sage scarlet serene sharp silent silver sincere sleek smooth snowy soft solar spry stellar
still sunny swift tidy tranquil trusty upbeat velvet vivid warm wise witty young zesty
""".split()  # noqa: SIM905 - a list of two hundred words is to be read, not to be quoted

_NOUNS = """
acorn anchor arrow aspen aurora badger bay beacon birch bison blossom breeze bridge brook canyon
cedar cliff cloud clover comet cove crane creek cricket crystal dawn deer delta dew dolphin dove
dune dusk eagle elm ember falcon fern fjord finch flame forest fountain fox galaxy garden glacier
glade grove gull harbor hare hawk heath heron hill island ivy jasmine jay lagoon lake lantern lark
leaf lily lynx maple marsh meadow meteor moon moss mountain nebula oak ocean orbit orchid otter owl
palm peak pebble pine planet plateau pond poppy prairie quail quartz rain raven reef ridge river
robin rose sail shore sky snow sparrow spring spruce star stone storm stream summit sun surf swan
thistle thunder tide trail tulip valley violet wave willow wind wolf wood wren
""".split()  # noqa: SIM905


def words() -> str:
    """Draw two words, such as `misty-otter`."""
    return f"{secrets.choice(_ADJECTIVES)}-{secrets.choice(_NOUNS)}"
