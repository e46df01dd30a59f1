// The sum of the squares of 64 chunks, none of which is copied.
func.func @many_chunks(%x: tensor<?x?xf32>) -> tensor<?x?xf32> {
  %part:64 = fuser.chunk %x dim 1 : tensor<?x?xf32> to
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>,
      tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>, tensor<?x?xf32>
  %square0 = fuser.mul %part#0, %part#0 : tensor<?x?xf32>
  %square1 = fuser.mul %part#1, %part#1 : tensor<?x?xf32>
  %square2 = fuser.mul %part#2, %part#2 : tensor<?x?xf32>
  %square3 = fuser.mul %part#3, %part#3 : tensor<?x?xf32>
  %square4 = fuser.mul %part#4, %part#4 : tensor<?x?xf32>
  %square5 = fuser.mul %part#5, %part#5 : tensor<?x?xf32>
  %square6 = fuser.mul %part#6, %part#6 : tensor<?x?xf32>
  %square7 = fuser.mul %part#7, %part#7 : tensor<?x?xf32>
  %square8 = fuser.mul %part#8, %part#8 : tensor<?x?xf32>
  %square9 = fuser.mul %part#9, %part#9 : tensor<?x?xf32>
  %square10 = fuser.mul %part#10, %part#10 : tensor<?x?xf32>
  %square11 = fuser.mul %part#11, %part#11 : tensor<?x?xf32>
  %square12 = fuser.mul %part#12, %part#12 : tensor<?x?xf32>
  %square13 = fuser.mul %part#13, %part#13 : tensor<?x?xf32>
  %square14 = fuser.mul %part#14, %part#14 : tensor<?x?xf32>
  %square15 = fuser.mul %part#15, %part#15 : tensor<?x?xf32>
  %square16 = fuser.mul %part#16, %part#16 : tensor<?x?xf32>
  %square17 = fuser.mul %part#17, %part#17 : tensor<?x?xf32>
  %square18 = fuser.mul %part#18, %part#18 : tensor<?x?xf32>
  %square19 = fuser.mul %part#19, %part#19 : tensor<?x?xf32>
  %square20 = fuser.mul %part#20, %part#20 : tensor<?x?xf32>
  %square21 = fuser.mul %part#21, %part#21 : tensor<?x?xf32>
  %square22 = fuser.mul %part#22, %part#22 : tensor<?x?xf32>
  %square23 = fuser.mul %part#23, %part#23 : tensor<?x?xf32>
  %square24 = fuser.mul %part#24, %part#24 : tensor<?x?xf32>
  %square25 = fuser.mul %part#25, %part#25 : tensor<?x?xf32>
  %square26 = fuser.mul %part#26, %part#26 : tensor<?x?xf32>
  %square27 = fuser.mul %part#27, %part#27 : tensor<?x?xf32>
  %square28 = fuser.mul %part#28, %part#28 : tensor<?x?xf32>
  %square29 = fuser.mul %part#29, %part#29 : tensor<?x?xf32>
  %square30 = fuser.mul %part#30, %part#30 : tensor<?x?xf32>
  %square31 = fuser.mul %part#31, %part#31 : tensor<?x?xf32>
  %square32 = fuser.mul %part#32, %part#32 : tensor<?x?xf32>
  %square33 = fuser.mul %part#33, %part#33 : tensor<?x?xf32>
  %square34 = fuser.mul %part#34, %part#34 : tensor<?x?xf32>
  %square35 = fuser.mul %part#35, %part#35 : tensor<?x?xf32>
  %square36 = fuser.mul %part#36, %part#36 : tensor<?x?xf32>
  %square37 = fuser.mul %part#37, %part#37 : tensor<?x?xf32>
  %square38 = fuser.mul %part#38, %part#38 : tensor<?x?xf32>
  %square39 = fuser.mul %part#39, %part#39 : tensor<?x?xf32>
  %square40 = fuser.mul %part#40, %part#40 : tensor<?x?xf32>
  %square41 = fuser.mul %part#41, %part#41 : tensor<?x?xf32>
  %square42 = fuser.mul %part#42, %part#42 : tensor<?x?xf32>
  %square43 = fuser.mul %part#43, %part#43 : tensor<?x?xf32>
  %square44 = fuser.mul %part#44, %part#44 : tensor<?x?xf32>
  %square45 = fuser.mul %part#45, %part#45 : tensor<?x?xf32>
  %square46 = fuser.mul %part#46, %part#46 : tensor<?x?xf32>
  %square47 = fuser.mul %part#47, %part#47 : tensor<?x?xf32>
  %square48 = fuser.mul %part#48, %part#48 : tensor<?x?xf32>
  %square49 = fuser.mul %part#49, %part#49 : tensor<?x?xf32>
  %square50 = fuser.mul %part#50, %part#50 : tensor<?x?xf32>
  %square51 = fuser.mul %part#51, %part#51 : tensor<?x?xf32>
  %square52 = fuser.mul %part#52, %part#52 : tensor<?x?xf32>
  %square53 = fuser.mul %part#53, %part#53 : tensor<?x?xf32>
  %square54 = fuser.mul %part#54, %part#54 : tensor<?x?xf32>
  %square55 = fuser.mul %part#55, %part#55 : tensor<?x?xf32>
  %square56 = fuser.mul %part#56, %part#56 : tensor<?x?xf32>
  %square57 = fuser.mul %part#57, %part#57 : tensor<?x?xf32>
  %square58 = fuser.mul %part#58, %part#58 : tensor<?x?xf32>
  %square59 = fuser.mul %part#59, %part#59 : tensor<?x?xf32>
  %square60 = fuser.mul %part#60, %part#60 : tensor<?x?xf32>
  %square61 = fuser.mul %part#61, %part#61 : tensor<?x?xf32>
  %square62 = fuser.mul %part#62, %part#62 : tensor<?x?xf32>
  %square63 = fuser.mul %part#63, %part#63 : tensor<?x?xf32>
  %sum1 = fuser.add %square0, %square1 : tensor<?x?xf32>
  %sum2 = fuser.add %sum1, %square2 : tensor<?x?xf32>
  %sum3 = fuser.add %sum2, %square3 : tensor<?x?xf32>
  %sum4 = fuser.add %sum3, %square4 : tensor<?x?xf32>
  %sum5 = fuser.add %sum4, %square5 : tensor<?x?xf32>
  %sum6 = fuser.add %sum5, %square6 : tensor<?x?xf32>
  %sum7 = fuser.add %sum6, %square7 : tensor<?x?xf32>
  %sum8 = fuser.add %sum7, %square8 : tensor<?x?xf32>
  %sum9 = fuser.add %sum8, %square9 : tensor<?x?xf32>
  %sum10 = fuser.add %sum9, %square10 : tensor<?x?xf32>
  %sum11 = fuser.add %sum10, %square11 : tensor<?x?xf32>
  %sum12 = fuser.add %sum11, %square12 : tensor<?x?xf32>
  %sum13 = fuser.add %sum12, %square13 : tensor<?x?xf32>
  %sum14 = fuser.add %sum13, %square14 : tensor<?x?xf32>
  %sum15 = fuser.add %sum14, %square15 : tensor<?x?xf32>
  %sum16 = fuser.add %sum15, %square16 : tensor<?x?xf32>
  %sum17 = fuser.add %sum16, %square17 : tensor<?x?xf32>
  %sum18 = fuser.add %sum17, %square18 : tensor<?x?xf32>
  %sum19 = fuser.add %sum18, %square19 : tensor<?x?xf32>
  %sum20 = fuser.add %sum19, %square20 : tensor<?x?xf32>
  %sum21 = fuser.add %sum20, %square21 : tensor<?x?xf32>
  %sum22 = fuser.add %sum21, %square22 : tensor<?x?xf32>
  %sum23 = fuser.add %sum22, %square23 : tensor<?x?xf32>
  %sum24 = fuser.add %sum23, %square24 : tensor<?x?xf32>
  %sum25 = fuser.add %sum24, %square25 : tensor<?x?xf32>
  %sum26 = fuser.add %sum25, %square26 : tensor<?x?xf32>
  %sum27 = fuser.add %sum26, %square27 : tensor<?x?xf32>
  %sum28 = fuser.add %sum27, %square28 : tensor<?x?xf32>
  %sum29 = fuser.add %sum28, %square29 : tensor<?x?xf32>
  %sum30 = fuser.add %sum29, %square30 : tensor<?x?xf32>
  %sum31 = fuser.add %sum30, %square31 : tensor<?x?xf32>
  %sum32 = fuser.add %sum31, %square32 : tensor<?x?xf32>
  %sum33 = fuser.add %sum32, %square33 : tensor<?x?xf32>
  %sum34 = fuser.add %sum33, %square34 : tensor<?x?xf32>
  %sum35 = fuser.add %sum34, %square35 : tensor<?x?xf32>
  %sum36 = fuser.add %sum35, %square36 : tensor<?x?xf32>
  %sum37 = fuser.add %sum36, %square37 : tensor<?x?xf32>
  %sum38 = fuser.add %sum37, %square38 : tensor<?x?xf32>
  %sum39 = fuser.add %sum38, %square39 : tensor<?x?xf32>
  %sum40 = fuser.add %sum39, %square40 : tensor<?x?xf32>
  %sum41 = fuser.add %sum40, %square41 : tensor<?x?xf32>
  %sum42 = fuser.add %sum41, %square42 : tensor<?x?xf32>
  %sum43 = fuser.add %sum42, %square43 : tensor<?x?xf32>
  %sum44 = fuser.add %sum43, %square44 : tensor<?x?xf32>
  %sum45 = fuser.add %sum44, %square45 : tensor<?x?xf32>
  %sum46 = fuser.add %sum45, %square46 : tensor<?x?xf32>
  %sum47 = fuser.add %sum46, %square47 : tensor<?x?xf32>
  %sum48 = fuser.add %sum47, %square48 : tensor<?x?xf32>
  %sum49 = fuser.add %sum48, %square49 : tensor<?x?xf32>
  %sum50 = fuser.add %sum49, %square50 : tensor<?x?xf32>
  %sum51 = fuser.add %sum50, %square51 : tensor<?x?xf32>
  %sum52 = fuser.add %sum51, %square52 : tensor<?x?xf32>
  %sum53 = fuser.add %sum52, %square53 : tensor<?x?xf32>
  %sum54 = fuser.add %sum53, %square54 : tensor<?x?xf32>
  %sum55 = fuser.add %sum54, %square55 : tensor<?x?xf32>
  %sum56 = fuser.add %sum55, %square56 : tensor<?x?xf32>
  %sum57 = fuser.add %sum56, %square57 : tensor<?x?xf32>
  %sum58 = fuser.add %sum57, %square58 : tensor<?x?xf32>
  %sum59 = fuser.add %sum58, %square59 : tensor<?x?xf32>
  %sum60 = fuser.add %sum59, %square60 : tensor<?x?xf32>
  %sum61 = fuser.add %sum60, %square61 : tensor<?x?xf32>
  %sum62 = fuser.add %sum61, %square62 : tensor<?x?xf32>
  %sum63 = fuser.add %sum62, %square63 : tensor<?x?xf32>
  return %sum63 : tensor<?x?xf32>
}
