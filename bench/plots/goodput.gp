set title "Reliable ordered messages of 1200 B: goodput by loss"
set xlabel "loss each way [%]"
set ylabel "MB/s"
set logscale y
stats data using 0 nooutput
plot for [i=0:STATS_blocks-1] data index i using 1:2 with linespoints lc i+1 dashtype 1+(i>=8) linewidth 2 title columnheader(1)
