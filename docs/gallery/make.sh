#!/bin/sh
# Draw the gallery: run it as `sh docs/gallery/make.sh` with `zeroskip` on the PATH (about five minutes on two cores).
# The results from which the pictures are drawn stay in the directory that is given, or in a new one under /tmp.
set -e
cd "$(dirname "$0")"
work=${1:-$(mktemp -d)}

for pes in 8 16 32 64 128 256; do
    zeroskip run eie alexnet-fc8 --set pes=$pes --set dram=none --json >"$work/fc8_$pes.json"
    zeroskip run eie nt-we --set pes=$pes --set dram=none --json >"$work/we_$pes.json"
done
zeroskip plot "$work"/fc8_*.json "$work"/we_*.json speedup -o speedup.png
zeroskip plot "$work"/fc8_*.json "$work"/we_*.json padding -o padding.png

for depth in 1 2 4 8 16 32 64; do
    zeroskip run eie alexnet-fc8 --set queue_depth=$depth --set dram=none --json >"$work/fc8_depth_$depth.json"
    zeroskip run eie nt-we --set queue_depth=$depth --set dram=none --json >"$work/we_depth_$depth.json"
done
zeroskip plot "$work"/*_depth_*.json queue-depth -o queue-depth.png
zeroskip plot "$work"/fc8_*.json pareto -o pareto.png

for density in 0.1 0.2 0.4 0.6 0.8 1; do
    for machine in scnn dcnn dcnn_opt; do
        zeroskip run $machine vgg16-conv5_1 --density $density --json >"$work/density_${machine}_$density.json"
    done
done
zeroskip plot "$work"/density_*.json density -o density.png

zeroskip compare alexnet --layer conv3 --layer conv5 --layer fc8 --machines eie,scnn,dcnn,dcnn_opt --json >"$work/alexnet.json"
zeroskip plot "$work/alexnet.json" energy -o energy.png
zeroskip plot "$work/alexnet.json" latency -o latency.png
zeroskip plot "$work/alexnet.json" roofline -o roofline.png

zeroskip compare alexnet --machines eie,scnn,eyeriss_v2,sigma,cambricon_s,dcnn --common-prices --json >"$work/six.json"
zeroskip plot "$work/six.json" design-space -o design-space.png

zeroskip why scnn alexnet --no-what-if --json >"$work/why_scnn.json"
zeroskip why dcnn alexnet --no-what-if --json >"$work/why_dcnn.json"
zeroskip plot "$work/why_scnn.json" "$work/why_dcnn.json" stacks -o stacks.png
zeroskip why eie alexnet-fc8 --json >"$work/why_eie.json"
zeroskip plot "$work/why_eie.json" slack -o slack.png
zeroskip plot "$work/why_eie.json" slack-map -o slack-map.png
zeroskip plot "$work/why_eie.json" changes -o changes.png

zeroskip trace eie nt-we -o "$work/trace.json"
zeroskip plot "$work/trace.json" utilisation -o utilisation.png
zeroskip plot "$work/trace.json" queues -o queues.png

zeroskip inspect ../../workloads/zoo/lenet-300-100.safetensors --json >"$work/levels.json"
zeroskip plot "$work/levels.json" weights -o weights.png
zeroskip compress alexnet-fc8 --json >"$work/alexnet-fc8.json"
zeroskip plot "$work/alexnet-fc8.json" storage -o storage.png

zeroskip run ese google-lstm --json >"$work/ese.json"
zeroskip plot "$work/ese.json" schedule -o ese_schedule.png
zeroskip study balance --json >"$work/balance.json"
zeroskip plot "$work/balance.json" balance -o ese_balance.png
zeroskip study granularity --json >"$work/granularity.json"
zeroskip plot "$work/granularity.json" granularity -o granularity.png

zeroskip study blasst --json >"$work/blasst.json"
zeroskip plot "$work/blasst.json" skipping -o skipping.png
zeroskip calibrate rxnmapper-attention --tile 8x8,1x8 --sample 3 --target 0.3 --json >"$work/rxn.json"
zeroskip plot "$work/rxn.json" calibration -o calibration.png

over=pes=16:1024,queue_depth=1:64,spmat_width_bits=32,64,128
zeroskip explore eie alexnet-fc7 --scale 0.1 --minimise time_us,energy_uj,area_mm2 --over "$over" \
    --store "$work/search.db" --json >"$work/search.json"
zeroskip plot "$work/search.json" exploration -o exploration.png

for machine in eie ese scnn sigma cambricon; do
    zeroskip plot ../validation/$machine.csv errors -o errors_$machine.png
done
zeroskip plot ../validation/eie.csv published -o published.png
(head -n 1 ../validation/eie.csv; grep -E 'Fig (8|13),.nt-lstm' ../validation/eie.csv) >"$work/curves.csv"
zeroskip plot "$work/curves.csv" published -o curves.png # for the README
zeroskip plot ../validation/ese.csv published -o published_ese.png
zeroskip plot ../validation/scnn.csv published -o published_scnn.png
zeroskip plot ../validation/cambricon.csv published -o published_cambricon.png
(cd ../validation && sha256sum eie.csv ese.csv scnn.csv sigma.csv cambricon.csv) >drawn_from.sha256 # a test compares them with the tables

zeroskip ablate alexnet-fc7 --json >"$work/ablation.json"
zeroskip plot "$work/ablation.json" waterfall -o eie_waterfall.png

zeroskip system tp8 llama2-7b --chips 1,2,4,8 --json >"$work/step.json"
zeroskip plot "$work/step.json" system -o system.png
zeroskip system dgc64 alexnet --train-step --share 0.05 --chips 4 --overlap --trace "$work/step_trace.json" >/dev/null
zeroskip plot "$work/step_trace.json" system-gantt -o system-gantt.png
