"""Draw docs/faces.png: a clip of each emotion, as the default dataset draws it."""

from pathlib import Path

from merbench.synthetic.rendering import contact_sheet, plan_clip

EMOTIONS = ("happiness", "surprise", "disgust", "repression", "others")
PEOPLE = (11, 27, 5, 42, 8)

if __name__ == "__main__":
    plans = [
        plan_clip(identity=identity, seed=identity, emotion=emotion, onset=20, apex=45, offset=80)
        for emotion, identity in zip(EMOTIONS, PEOPLE, strict=True)
    ]
    contact_sheet(plans, Path(__file__).with_name("faces.png"))
