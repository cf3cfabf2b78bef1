#!/bin/sh
# Trains the painter behind other work: on one core, with the lowest priority, until it gets TERM.
#
#     scripts/train_behind.sh &        starts, or goes on; kill it to stop, nothing is lost
#
# In turns: thumbnails (two thirds of the training), photos to latents while some are not made yet,
# then what is painted from those that are. All is in runs/, which git ignores: runs/painter has a
# folder for each stage (state.pt, samples.png, model/) and the log. Settings: the variables below.
cd "$(dirname "$0")/.." || exit 1
: "${DATA:=../shared/data}" "${AUTOENCODER:=../shared/models}" "${RUNS:=runs}" "${TURN:=15}" "${EXTRA:=}"
: "${START=checkpoints/painter}" # whose stages a new run begins with
export OMP_NUM_THREADS=1 PATH="$PWD/.venv/bin:$PATH"
mkdir -p "$RUNS/painter" && exec >>"$RUNS/painter/log" 2>&1
trap 'kill -TERM $job; wait $job; exit 0' TERM INT
# Linux weighs sessions before processes: without this, one started by setsid gets half of a core.
{ echo 19 >"/proc/$$/autogroup"; } 2>/dev/null || :
behind() { nice -n 19 "$@" & job=$!; wait $job; }
stage() { behind trecs train painter "$@" ${START:+--start "$START/$1"} --data "$DATA" --composed "$RUNS/composed" $EXTRA; }
behind trecs data compose --data "$DATA" --out "$RUNS/composed" || exit
while stage thumbnails --out "$RUNS/painter/thumbnails" --minutes "$(awk "BEGIN { print 2 * $TURN }")"; do
  behind timeout "${TURN}m" trecs data latents --data "$DATA" --autoencoder "$AUTOENCODER" \
    --out "$RUNS/latents" --processes 1
  [ ! -d "$RUNS/latents/views-00001" ] || stage latents --out "$RUNS/painter/latents" \
    --latents "$RUNS/latents" --thumbnails "$RUNS/painter/thumbnails/model" \
    --autoencoder "$AUTOENCODER" --minutes "$TURN" || exit
done
