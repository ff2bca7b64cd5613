set title "Round trip of 32 B: median, p99, p99.9"
set ylabel "microseconds"
set logscale y
set style data histograms
set style histogram clustered gap 1
set style fill solid 0.8
set xtics rotate by -40
plot data using 2:xtic(1) title "median", data using 3 title "p99", data using 4 title "p99.9"
