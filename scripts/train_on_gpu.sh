#!/bin/sh
# Trains the painter on a machine with a GPU, from the parts that scripts/pack_photos.py made.
#
#     DATA=parts OUT=out MINUTES_THUMBNAILS=20 MINUTES_LATENTS=40 scripts/train_on_gpu.sh
#
# Unpacks the parts, makes latents, and trains first what paints thumbnails, then what paints the
# latents. With TRUNK, EfficientNet-lite0's weights, the thumbnails' flow is distilled in between, for
# MINUTES_DISTILLED. Every two minutes and at the end, models and sheets are copied to OUT, where the
# log is, too. All else is in WORK; started again with the same one, everything goes on.
# TINY=1 rehearses it all with tiny models and LIMIT photos, GPU or not; COMPILE=1 compiles those.
cd "$(dirname "$0")/.." || exit 1
: "${DATA:?is not set: the folder of the parts}" "${OUT:?is not set: where to}" "${WORK:=runs/gpu}"
: "${MINUTES_THUMBNAILS:=20}" "${MINUTES_LATENTS:=40}" "${EVERY:=120}" "${LIMIT:=64}"
: "${TRUNK:=}" "${MINUTES_DISTILLED:=5}"
how="--batch 512 --compile" judged="--batch 128" few=
[ -z "$TINY" ] || how="--tiny ${COMPILE:+--compile}" judged=--tiny few="--limit $LIMIT --passes 1 --processes 1"
export PATH="$PWD/.venv/bin:$PATH"
mkdir -p "$OUT" "$WORK" && exec 3>&1 >>"$OUT/log" 2>&1 || exit 1
keep() {
  for stage in thumbnails distilled latents; do
    for file in model/config.json model/model.safetensors samples.png; do
      [ -f "$WORK/$stage/$file" ] && mkdir -p "$OUT/$stage/model" || continue
      cp "$WORK/$stage/$file" "$OUT/.part" && mv "$OUT/.part" "$OUT/$stage/$file"
    done
  done
}
(trap 'kill $! 2>/dev/null; exit' TERM; while :; do sleep "$EVERY" & wait $!; keep; done) 3>&- & keeper=$!
trap 'kill $keeper; wait $keeper; keep; tail -n 5 "$OUT/log" >&3' EXIT
trap 'kill -TERM $job; wait $job; exit 143' TERM INT
run() { "$@" 3>&- & job=$!; wait $job; }
stage() { name=$1; shift
  run python3 -m trecs train painter "$name" --data "$photos/data" --composed "$photos/composed" \
    --out "$WORK/$name" --precision bf16-mixed "$@"; }
unpack() {
  rm -rf "$WORK/new" && mkdir "$WORK/new" && part=0 || return
  until [ -f "$WORK/new/complete" ]; do
    tar -xzf "$DATA/photos-$part.tar.gz" -C "$WORK/new" && part=$((part + 1)) || return
  done
  mv "$WORK/new" "$WORK/photos"
}
photos=$WORK/photos
[ -d "$photos" ] || unpack || exit
run python3 -m trecs data latents --data "$photos/data" --autoencoder "$photos/autoencoder" \
  --out "$WORK/views" $few &&
stage thumbnails $how --minutes "$MINUTES_THUMBNAILS" || exit
if [ -n "$TRUNK" ]; then
  stage distilled $judged --minutes "$MINUTES_DISTILLED" --start "$WORK/thumbnails/model" \
    --trunk "$TRUNK" || exit
fi
stage latents $how --minutes "$MINUTES_LATENTS" --latents "$WORK/views" \
  --thumbnails "$WORK/thumbnails/model" --autoencoder "$photos/autoencoder"
