#!/bin/sh
# Trains the painter behind other work: on one core, with the lowest priority, until it gets TERM.
#
#     scripts/train_behind.sh &        starts, or goes on; kill it to stop, nothing is lost
#
# In turns: thumbnails (two thirds of the training), photos to latents while some are not made yet,
# then what is painted from those that are. All is in runs/, which git ignores: runs/painter has a
# folder for each stage (state.pt, samples.png, model/) and the log. $DATA, $AUTOENCODER, $TURN.
cd "$(dirname "$0")/.." || exit 1
: "${DATA:=../shared/data}" "${AUTOENCODER:=../shared/models}" "${TURN:=15}"
export OMP_NUM_THREADS=1 PATH="$PWD/.venv/bin:$PATH"
mkdir -p runs/painter && exec >>runs/painter/log 2>&1
trap 'kill -TERM $job; wait $job; exit 0' TERM INT
behind() { nice -n 19 "$@" & job=$!; wait $job; }
stage() { name=$1 minutes=$2; shift 2
  behind trecs train painter "$name" --data "$DATA" --composed runs/composed --minutes "$minutes" "$@"; }
behind trecs data compose --data "$DATA" --out runs/composed || exit
while stage thumbnails $((2 * TURN)); do
  behind timeout "${TURN}m" trecs data latents --data "$DATA" --autoencoder "$AUTOENCODER" \
    --out runs/latents --processes 1
  [ ! -d runs/latents/views-00001 ] || stage latents "$TURN" --latents runs/latents \
    --thumbnails runs/painter/thumbnails/model --autoencoder "$AUTOENCODER" || exit
done
