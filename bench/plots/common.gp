# Called by eng/bench.sh: gnuplot -e "data='FILE'; picture='FILE'" common.gp WHAT.gp
set terminal svg size 900,520 dynamic background "white" font "sans-serif,12"
set output picture
set key outside right top
set grid
