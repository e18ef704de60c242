"""The lecture's symbols by role."""

from lecture.notation import Notation, Symbol

__all__ = ["NOTATION"]

NOTATION = Notation(
    theta1=Symbol("theta_1", "θ₁", "theta one"),
    theta2=Symbol("theta_2", "θ₂", "theta two"),
    min=Symbol("hat(theta)", "θ̂", "theta hat", "minimizer"),
    ridge=Symbol('hat(theta)_"ridge"', "θ̂_ridge", "theta hat ridge", "ridge"),
    lam=Symbol("lambda", "λ", "lambda", "penalty"),
    s1=Symbol("sigma_1", "σ₁", "sigma one", "eig1"),
    s2=Symbol("sigma_2", "σ₂", "sigma two", "eig2"),
    q1=Symbol("q_1", "q₁", "q one", "eig1"),
    q2=Symbol("q_2", "q₂", "q two", "eig2"),
    z1=Symbol("z_1", "z₁", "z one", "eig1"),
    z2=Symbol("z_2", "z₂", "z two", "eig2"),
)
