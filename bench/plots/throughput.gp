set title "One way: messages per second by size"
set xlabel "bytes of a message"
set ylabel "messages/s"
set logscale xy
set format y "10^{%T}"
set xtics (32, 256, 1200, 16384)
stats data using 0 nooutput
plot for [i=0:STATS_blocks-1] data index i using 1:2 with linespoints lc i+1 dashtype 1+(i>=8) linewidth 2 title columnheader(1)
